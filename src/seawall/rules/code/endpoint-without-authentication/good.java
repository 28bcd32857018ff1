import org.springframework.web.bind.annotation.*;

@RestController
class Orders {
    @PreAuthorize("hasRole('CLERK')")
    @GetMapping("/orders")
    List<Order> orders() { return list(); }

    @PreAuthorize("hasRole('CLERK')")
    @DeleteMapping("/orders/{id}")
    void cancel(@PathVariable long id) { drop(id); }
}
