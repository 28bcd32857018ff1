class App {
    void run() throws Exception {
        new FileWriter("/tmp/report.csv");
    }
}
