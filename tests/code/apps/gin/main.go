package main

import (
	"net/http"

	"example.com/shop/users"
	"github.com/gin-gonic/gin"
)

func ping(c *gin.Context) { //: GET /ping
	c.String(http.StatusOK, "pong")
}

func auth() gin.HandlerFunc { return nil }

func main() {
	r := gin.Default()
	r.GET("/ping", ping)
	api := r.Group("/api", auth())
	{
		v1 := api.Group("/v1")
		v1.POST("/orders/:id", auth(), save)
		v1.Any("/any", func(c *gin.Context) {}) //: * /api/v1/any
		v1.Handle(http.MethodPut, "/put", put)
	}
	users.Register(api)
	users.New(nil).Routes(r.Group("/admin"))
	r.Run()
}

func save(c *gin.Context) {} //: POST /api/v1/orders/:id

func put(c *gin.Context) {} //: PUT /api/v1/put
