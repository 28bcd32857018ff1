class App {
    void run() throws Exception {
        http.csrf().disable();
    }
}
