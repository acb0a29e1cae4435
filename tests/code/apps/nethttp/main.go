package main

import (
	"fmt"
	"net/http"
)

const usersPath = "/users/{id}"

type server struct{}

func (s *server) show(w http.ResponseWriter, r *http.Request) { //: GET /api/users/{id}
	fmt.Fprint(w, r.PathValue("id"))
}

func home(w http.ResponseWriter, r *http.Request) {} //: * /api/{$}

func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+usersPath, s.show)
	mux.HandleFunc("/{$}", home)
	mux.Handle("POST /files/{path...}", http.HandlerFunc(upload))
	mux.HandleFunc("DELETE example.com/hosts", func(w http.ResponseWriter, r *http.Request) {}) //: DELETE /api/hosts
	return mux
}

func main() {
	s := &server{}
	http.HandleFunc("/old/", old)
	http.Handle("/api/", http.StripPrefix("/api", s.routes()))
	inner := http.NewServeMux()
	inner.HandleFunc("PUT /deep", logged(deep))
	http.Handle("/deep", inner)
	http.ListenAndServe(":80", nil)
}
