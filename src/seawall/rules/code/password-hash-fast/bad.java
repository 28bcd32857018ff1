class App {
    void run() throws Exception {
        md.digest(password.getBytes());
    }
}
