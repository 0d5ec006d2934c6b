"""A draft config from what people have: curl commands, OpenAPI, Postman, HAR."""
