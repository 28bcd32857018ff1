class App {
    void run() throws Exception {
        md.digest(body);
    }
}
