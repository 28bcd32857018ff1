class App {
    void run() throws Exception {
        JWT.require(alg).build().verify(token);
    }
}
