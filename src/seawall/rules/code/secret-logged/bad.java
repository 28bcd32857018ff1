class App {
    void run() throws Exception {
        log.info("login {} {}", user, password);
    }
}
