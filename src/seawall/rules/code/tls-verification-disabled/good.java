class App {
    public void checkServerTrusted(X509Certificate[] c, String t) { check(c); }
}
