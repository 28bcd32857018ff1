@EnableWebSecurity
class A { }
