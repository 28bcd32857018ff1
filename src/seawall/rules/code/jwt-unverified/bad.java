class App {
    void run() throws Exception {
        DecodedJWT j = JWT.decode(token);
    }
}
