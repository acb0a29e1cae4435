package main

import "net/http"

func upload(w http.ResponseWriter, r *http.Request) { //: POST /api/files/{path...}
}

func old(w http.ResponseWriter, r *http.Request) { //: * /old/
}

func deep(w http.ResponseWriter, r *http.Request) { //: PUT /deep
}

func logged(next http.HandlerFunc) http.HandlerFunc { return next }
