FROM registry.example.com/base:1.2
USER 1000
