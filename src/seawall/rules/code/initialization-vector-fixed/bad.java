class App {
    void run() throws Exception {
        new IvParameterSpec(new byte[16]);
    }
}
