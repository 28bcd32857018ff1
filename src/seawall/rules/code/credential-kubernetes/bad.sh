kubeadm join 10.0.0.1:6443 --token <6 a-z0-9>.<16 a-z0-9>
