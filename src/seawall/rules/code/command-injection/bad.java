class App {
    void run() throws Exception {
        Runtime.getRuntime().exec("ping " + host);
    }
}
