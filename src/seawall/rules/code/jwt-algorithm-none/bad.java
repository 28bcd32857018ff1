class App {
    void run() throws Exception {
        JWT.create().sign(Algorithm.none());
    }
}
