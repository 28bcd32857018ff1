class App {
    void run() throws Exception {
        JWT.create().sign(Algorithm.HMAC256(k));
    }
}
