class App {
    void run() throws Exception {
        Cipher.getInstance("DES/CBC/PKCS5Padding");
    }
}
