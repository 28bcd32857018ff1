class App {
    void run() throws Exception {
        URI.create("http://api.acme.com/v1");
    }
}
