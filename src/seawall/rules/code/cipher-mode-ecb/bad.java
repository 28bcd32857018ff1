class App {
    void run() throws Exception {
        Cipher.getInstance("AES/ECB/PKCS5Padding");
        Cipher.getInstance("AES");
    }
}
