class App {
    void run() throws Exception {
        e.printStackTrace(response.getWriter());
    }
}
