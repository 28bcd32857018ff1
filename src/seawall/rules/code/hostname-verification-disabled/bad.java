class App {
    void run() throws Exception {
        c.setHostnameVerifier((h, s) -> true);
        b.hostnameVerifier((h, s) -> true);
    }
}
