class App {
    void run() throws Exception {
        cookie.setHttpOnly(true);
    }
}
