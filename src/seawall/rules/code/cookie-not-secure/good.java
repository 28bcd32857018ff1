class App {
    void run() throws Exception {
        cookie.setSecure(true);
    }
}
