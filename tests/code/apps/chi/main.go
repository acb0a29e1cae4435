package main

import (
	"net/http"

	"example.com/shop/admin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type API struct{ router chi.Router }

func (a *API) mount() {
	a.router = chi.NewRouter()
	a.router.Get("/field", a.field)
}

func (a *API) field(w http.ResponseWriter, r *http.Request) {} //: GET /field

func main() {
	r := chi.NewRouter()
	r.Use(middleware.Logger)
	r.Get("/", index)
	r.Route("/articles", func(r chi.Router) {
		r.With(middleware.NoCache).Get("/", list)
		r.Post("/", func(w http.ResponseWriter, r *http.Request) {}) //: POST /articles/
		r.Route("/{id:[0-9]+}", func(r chi.Router) {
			r.Put("/", update)
		})
	})
	r.Group(func(r chi.Router) {
		r.Delete("/grouped", remove)
	})
	r.Mount("/admin", admin.Router())
	r.Method("PATCH", "/patched", http.HandlerFunc(patch))
	r.HandleFunc("/all/*", all)
	http.ListenAndServe(":80", r)
}

func index(w http.ResponseWriter, r *http.Request) {} //: GET /

func list(w http.ResponseWriter, r *http.Request) {} //: GET /articles/

func update(w http.ResponseWriter, r *http.Request) {} //: PUT /articles/{id:[0-9]+}/

func remove(w http.ResponseWriter, r *http.Request) {} //: DELETE /grouped

func patch(w http.ResponseWriter, r *http.Request) {} //: PATCH /patched

func all(w http.ResponseWriter, r *http.Request) {} //: * /all/*
