class App {
    void run() throws Exception {
        SSLContext.getInstance("TLSv1.2");
        SSLContext.getInstance("TLS");
    }
}
