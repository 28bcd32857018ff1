fs.readFileSync('/tmp/report.csv')
