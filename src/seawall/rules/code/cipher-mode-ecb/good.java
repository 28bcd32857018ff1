class App {
    void run() throws Exception {
        Cipher.getInstance("AES/GCM/NoPadding");
        Cipher.getInstance("RSA/ECB/OAEPPadding");
    }
}
