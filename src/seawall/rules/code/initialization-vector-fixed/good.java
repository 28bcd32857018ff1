class App {
    void run() throws Exception {
        new IvParameterSpec(iv);
    }
}
