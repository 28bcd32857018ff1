class App {
    void run() throws Exception {
        Files.createTempFile("report", ".csv");
    }
}
