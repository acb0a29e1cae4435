package admin

import (
	"net/http"

	"github.com/go-chi/chi/v5"
)

func Router() http.Handler {
	r := chi.NewRouter()
	r.Get("/panel", panel)
	return r
}

func panel(w http.ResponseWriter, r *http.Request) {} //: GET /admin/panel
