class App {
    void run() throws Exception {
        log.info("password changed");
    }
}
