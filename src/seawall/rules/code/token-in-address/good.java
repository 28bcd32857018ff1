class App {
    void run() throws Exception {
        URI.create("https://api.acme.com/v1?page=" + page);
    }
}
