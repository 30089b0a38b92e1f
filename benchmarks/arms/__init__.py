"""What is measured beside what: each module has ``run(source, output)``, which gives the number of articles written."""
