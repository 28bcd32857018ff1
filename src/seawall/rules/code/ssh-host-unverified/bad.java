class App {
    void run() throws Exception {
        session.setConfig("StrictHostKeyChecking", "no");
    }
}
