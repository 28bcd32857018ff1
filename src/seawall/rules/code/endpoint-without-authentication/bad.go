package main

import "net/http"

func main() {
	mux := http.NewServeMux()
	mux.Handle("/orders", requireAuth(orders))
	mux.HandleFunc("DELETE /orders/{id}", cancel)
	mux.HandleFunc("/healthz", health)
}
