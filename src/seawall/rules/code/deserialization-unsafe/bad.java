class App {
    void run() throws Exception {
        new ObjectInputStream(request.getInputStream()).readObject();
    }
}
