class App {
    void run() throws Exception {
        Algorithm.HMAC256("secret");
    }
}
