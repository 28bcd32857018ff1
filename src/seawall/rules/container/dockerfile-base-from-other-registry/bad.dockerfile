FROM quay.io.example.com/team/app:1.2
USER 1000
