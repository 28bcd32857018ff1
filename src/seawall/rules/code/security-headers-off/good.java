class App {
    void run() throws Exception {
        http.headers(withDefaults());
    }
}
