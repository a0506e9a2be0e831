mkdir -p t/sub; echo 1 > t/one; echo 2 > t/sub/two; ln -s one t/link; ln t/one t/hard; chmod 750 t/sub; chmod 4711 t/sub/two
tar --owner=3 --group=4 --numeric-owner -czf a.tar.gz -C t one sub link hard
tar --owner=0 --group=0 -cf b.tar -C t sub
rm -r t
