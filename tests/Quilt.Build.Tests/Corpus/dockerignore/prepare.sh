chmod -R a+rX .
