class App {
    void run() throws Exception {
        c.setHostnameVerifier(verifier);
    }
}
