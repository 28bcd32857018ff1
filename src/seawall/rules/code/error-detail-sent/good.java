class App {
    void run() throws Exception {
        log.error("failed", e);
    }
}
