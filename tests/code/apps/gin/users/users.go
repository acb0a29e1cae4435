package users

import "github.com/gin-gonic/gin"

type Handler struct{}

func New(db any) *Handler { return &Handler{} }

func Register(rg *gin.RouterGroup) {
	users := rg.Group("/users")
	users.GET("/:name", show)
	users.DELETE("", remove)
}

func (h *Handler) Routes(group *gin.RouterGroup) {
	group.PATCH("/stats", h.stats)
}

func (h *Handler) stats(c *gin.Context) {} //: PATCH /admin/stats
