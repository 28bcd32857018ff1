class App {
    void run() throws Exception {
        Cipher.getInstance("AES/GCM/NoPadding");
    }
}
