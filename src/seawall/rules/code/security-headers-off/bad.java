class App {
    void run() throws Exception {
        http.headers(h -> h.disable());
    }
}
