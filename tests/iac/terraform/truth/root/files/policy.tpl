{
  "Version": "2012-10-17",
  "Statement": [
%{ for index, arn in arns ~}
    {"Effect": "Allow", "Principal": {"AWS": "${arn}"}, "Action": "kms:Decrypt", "Resource": "*"}${index < length(arns) - 1 ? "," : ""}
%{ endfor ~}
  ]
}
