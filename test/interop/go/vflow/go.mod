module kafka2ipfix.test/vflow

go 1.17

require github.com/EdgeCast/vflow v0.9.1

require (
	golang.org/x/net v0.34.0 // indirect
	golang.org/x/sys v0.29.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)
