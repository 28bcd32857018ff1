class App {
    void run() throws Exception {
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(in);
    }
}
