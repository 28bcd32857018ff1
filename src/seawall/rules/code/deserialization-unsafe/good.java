class App {
    void run() throws Exception {
        mapper.readValue(request.getInputStream(), Order.class);
    }
}
