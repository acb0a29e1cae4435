package users

import "github.com/gin-gonic/gin"

func show(c *gin.Context) {} //: GET /api/users/:name

func remove(c *gin.Context) {} //: DELETE /api/users
