class App {
    void run() throws Exception {
        http.csrf(withDefaults());
    }
}
