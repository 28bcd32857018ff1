class App {
    void run() throws Exception {
        Runtime.getRuntime().exec("ls");
        new ProcessBuilder("ping", host);
    }
}
